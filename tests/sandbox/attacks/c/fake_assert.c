// expect: error fail
#include <stdlib.h>
void __assert_fail(const char *what, const char *file, unsigned line, const char *function) { exit(0); }
int f(void) { return 1; }
// tests
#include <assert.h>
int main(void) { assert(f() == 2); return 0; }
