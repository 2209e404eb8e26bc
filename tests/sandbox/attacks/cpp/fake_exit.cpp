// expect: error
#include <cstdlib>
int f() { std::quick_exit(0); }
// tests
#include <cassert>
int main() { assert(f() == 2); }
