// expect: error
public class Main {
    public static void main(String[] words) throws Exception {
        System.out.println(java.nio.file.Files.readString(java.nio.file.Path.of("/etc/shadow")));
    }
}
