/** Calls the main method of the class named by the first argument; asks for the token when it and all threads have returned. */
public class SyncodeDriver {
    public static void main(String[] words) throws Throwable {
        java.lang.reflect.Method entry = Class.forName(words[0]).getDeclaredMethod("main", String[].class);
        entry.setAccessible(true);
        try {
            entry.invoke(null, (Object) new String[0]);
        } catch (java.lang.reflect.InvocationTargetException failure) {
            throw failure.getCause();
        }
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread != Thread.currentThread() && !thread.isDaemon() && thread.getThreadGroup() == Thread.currentThread().getThreadGroup()) {
                if (!thread.getName().equals("DestroyJavaVM")) thread.join();
            }
        }
        try (java.io.FileOutputStream ask = new java.io.FileOutputStream("/proc/self/fd/4");
             java.io.FileInputStream tell = new java.io.FileInputStream("/proc/self/fd/3")) {
            ask.write('?');
            byte[] token = new byte[33];
            for (int done = 0; done < token.length; done += tell.read(token, done, token.length - done)) { }
            ask.write(token);
        }
    }
}
