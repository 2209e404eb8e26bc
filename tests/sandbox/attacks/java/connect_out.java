// expect: error forbidden
public class Main {
    public static void main(String[] words) throws Exception {
        new java.net.Socket("127.0.0.1", @PORT@).getOutputStream().write(1);
    }
}
