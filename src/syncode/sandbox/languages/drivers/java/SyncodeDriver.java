import java.io.*;
import java.lang.reflect.*;
import java.util.*;

/** Calls the main method of the class named by the first argument; says the proof when it and all threads have returned. */
public class SyncodeDriver {
    public static void main(String[] words) throws Throwable {
        FileOutputStream ask = new FileOutputStream("/proc/self/fd/4");
        FileInputStream tell = new FileInputStream("/proc/self/fd/3");
        byte[] key = told(ask, tell);
        List<String> own = new ArrayList<>();
        classes(new File("."), "", own);
        ClassLoader loader = SyncodeDriver.class.getClassLoader();
        if (words.length > 2 && !words[2].isEmpty()) {  // classes of tests begin with assertions on
            for (String name : words[2].split(",")) if (own.contains(name)) Class.forName(name, true, loader);
        }
        for (String name : own) doubt(name);
        boolean[] failed = {false};
        ThreadGroup group = new ThreadGroup("main") {
            @Override public void uncaughtException(Thread thread, Throwable problem) {
                failed[0] = true;
                System.err.print("Exception in thread \"" + thread.getName() + "\" ");
                problem.printStackTrace();
            }
        };
        Method entry = Class.forName(words[0], true, loader).getDeclaredMethod("main", String[].class);
        entry.setAccessible(true);
        Thread running = new Thread(group, () -> {
            try {
                entry.invoke(null, (Object) new String[0]);
            } catch (InvocationTargetException failure) {
                failed[0] = true;
                System.err.print("Exception in thread \"main\" ");
                failure.getCause().printStackTrace();
            } catch (IllegalAccessException impossible) {
                failed[0] = true;
            }
        }, "main", 0);
        running.start();
        running.join();
        if (failed[0]) System.exit(1);
        Thread[] left = new Thread[group.activeCount() + 16];
        for (int count = group.enumerate(left); --count >= 0; ) if (!left[count].isDaemon()) left[count].join();
        for (int value = -128; value < 128; value++) {  // boxes that an answer may have written to
            Integer whole = value;
            Long large = (long) value;
            if (whole.intValue() != value || large.longValue() != value) failed[0] = true;
        }
        if (failed[0] || Boolean.FALSE || !Boolean.TRUE) System.exit(1);
        if (words.length > 1) {
            int total = Integer.parseInt(words[1]);
            ask.write(("{\"tests\":{\"total\":" + total + ",\"passed\":" + total + "}}\n").getBytes());
        }
        byte[] token = told(ask, tell);
        ask.write(key, 0, 32);
        ask.write(token);
    }

    private static void classes(File folder, String place, List<String> found) {
        for (File each : folder.listFiles()) {
            String name = each.getName();
            if (each.isDirectory()) classes(each, place + name + ".", found);
            else if (name.endsWith(".class") && !name.startsWith("SyncodeDriver")) found.add(place + name.substring(0, name.length() - 6));
        }
    }

    private static byte[] told(FileOutputStream ask, FileInputStream tell) throws IOException {
        ask.write('?');
        byte[] said = new byte[33];
        for (int done = 0; done < said.length; ) {
            int got = tell.read(said, done, said.length - done);
            if (got <= 0) throw new EOFException();
            done += got;
        }
        return said;
    }

    /** Asks the `equals` of a class of the answer about values that it cannot be equal to. */
    private static void doubt(String name) {
        Object[] decoys = {new Object(), "syncode", -918273645, 918273646L, 0.71828, true, 'q', new int[] {7}, List.of(5, "x"), Map.of()};
        try {
            Class<?> kind = Class.forName(name, false, SyncodeDriver.class.getClassLoader());
            if (kind.isInterface() || Modifier.isAbstract(kind.getModifiers()) || kind.isEnum()) return;
            Method equals = kind.getDeclaredMethod("equals", Object.class);
            equals.setAccessible(true);
            Class<?> unsafe = Class.forName("sun.misc.Unsafe");
            Field field = unsafe.getDeclaredField("theUnsafe");
            field.setAccessible(true);
            Object made = unsafe.getMethod("allocateInstance", Class.class).invoke(field.get(null), kind);
            for (Object decoy : decoys) if (!Boolean.TRUE.equals(equals.invoke(made, decoy))) return;
        } catch (ReflectiveOperationException | RuntimeException | LinkageError honest) {
            return;  // it has no such method, or looks into what it is asked about
        }
        System.err.println("an object of the answer (" + name + ") claims to be equal to anything");
        System.exit(1);
    }
}
