// expect: compile
template <int depth, typename left, typename right> struct Tree {
    typedef Tree<depth - 1, Tree<depth, left, right>, right> one;
    typedef Tree<depth - 1, left, Tree<depth, left, right>> two;
    static const long value = one::value + two::value;
};
template <typename left, typename right> struct Tree<0, left, right> { static const long value = sizeof(left); };
int main() { return Tree<40, int, long>::value == 0; }
