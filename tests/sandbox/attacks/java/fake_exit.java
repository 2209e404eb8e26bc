// expect: error
class Solution { static int f() { System.exit(0); return 1; } }
// tests
public class Main { public static void main(String[] words) { assert Solution.f() == 2; } }
