// expect: oom
public class Main {
    public static void main(String[] words) {
        java.util.List<byte[]> hoard = new java.util.ArrayList<>();
        for (;;) hoard.add(new byte[1 << 24]);
    }
}
