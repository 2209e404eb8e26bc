import java.io.*;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import java.util.stream.Stream;

/**
 * A compiler that stays open: it reads orders on descriptor 6 (words, files) and writes replies to 7 (exit code, nanoseconds of CPU,
 * what was printed, files made). Each program has a folder of its own, gone with the reply. It never runs what it compiles.
 */
public class SyncodeCompiler {
    /** Where what is printed goes: into the reply. */
    private static OutputStream target = OutputStream.nullOutputStream();

    interface Compiler { int compile(String[] words, PrintStream said) throws Exception; }

    public static void main(String[] words) throws Exception {
        DataInputStream in = new DataInputStream(new BufferedInputStream(new FileInputStream("/proc/self/fd/6"), 1 << 16));
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(new FileOutputStream("/proc/self/fd/7"), 1 << 16));
        PrintStream printed = new PrintStream(new OutputStream() {  // Scala keeps the first one that it sees
            @Override public void write(int each) throws IOException { target.write(each); }
            @Override public void write(byte[] data, int from, int count) throws IOException { target.write(data, from, count); }
        }, true, StandardCharsets.UTF_8);
        System.setOut(printed);
        System.setErr(printed);
        Compiler compiler = found(words[0]);
        while (true) {
            int count;
            try {
                count = in.readInt();
            } catch (EOFException ended) {
                return;
            }
            String[] asked = new String[count];
            for (int at = 0; at < count; at++) asked[at] = new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
            Path folder = Files.createTempDirectory("c");
            Set<Path> given = new HashSet<>();
            for (int left = in.readInt(); left > 0; left--) {
                Path place = folder.resolve(new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8)).normalize();
                Files.createDirectories(place.getParent());
                Files.write(place, in.readNBytes(in.readInt()));
                given.add(place);
            }
            reply(compiler, placed(asked, folder, given), folder, given, out);
            out.flush();
        }
    }

    /** Says where the files of this order lie: names of files, and the folder itself. */
    private static String[] placed(String[] words, Path folder, Set<Path> given) {
        String[] made = new String[words.length];
        for (int at = 0; at < words.length; at++) {
            boolean own = at > 0 && words[at - 1].equals("-d") || given.contains(folder.resolve(words[at]).normalize());
            made[at] = own ? folder.resolve(words[at]).normalize().toString() : words[at];
        }
        return made;
    }

    private static void reply(Compiler compiler, String[] words, Path folder, Set<Path> given, DataOutputStream out) throws Exception {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        PrintStream said = new PrintStream(text, true, StandardCharsets.UTF_8);
        target = text;
        long before = spent();
        int code;
        try {
            code = compiler.compile(words, said);
        } catch (Throwable problem) {
            code = 99;
        }
        long after = spent();
        out.writeInt(code);
        out.writeLong(after - before);
        put(out, text.toString(StandardCharsets.UTF_8).replace(folder + "/", "").getBytes(StandardCharsets.UTF_8));
        List<Path> all = new ArrayList<>();
        try (Stream<Path> found = Files.walk(folder)) { found.forEach(all::add); }
        List<Path> made = new ArrayList<>(all);
        made.removeIf(path -> given.contains(path) || !Files.isRegularFile(path));
        out.writeInt(code == 0 ? made.size() : 0);
        for (Path path : code == 0 ? made : List.<Path>of()) {
            put(out, folder.relativize(path).toString().getBytes(StandardCharsets.UTF_8));
            put(out, Files.readAllBytes(path));
        }
        Collections.reverse(all);
        for (Path path : all) Files.deleteIfExists(path);
    }

    private static long spent() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private static void put(DataOutputStream out, byte[] data) throws IOException {
        out.writeInt(data.length);
        out.write(data);
    }

    private static Compiler found(String name) throws Exception {
        if (name.equals("javac")) {
            javax.tools.JavaCompiler javac = javax.tools.ToolProvider.getSystemJavaCompiler();
            return (words, said) -> javac.run(InputStream.nullInputStream(), said, said, words);
        }
        Class<?> kind = Class.forName(name);
        if (name.contains("kotlin")) {
            Object made = kind.getConstructor().newInstance();
            var exec = kind.getMethod("exec", PrintStream.class, String[].class);
            return (words, said) -> ((Enum<?>) exec.invoke(made, said, words)).ordinal();
        }
        var process = kind.getMethod("process", String[].class);
        var errors = Class.forName("scala.tools.nsc.Main").getMethod("reporter");
        return (words, said) -> {
            process.invoke(null, (Object) words);
            Object reporter = errors.invoke(null);
            return (Boolean) reporter.getClass().getMethod("hasErrors").invoke(reporter) ? 1 : 0;
        };
    }
}
