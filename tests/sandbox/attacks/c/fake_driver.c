// expect: compile fail
#include <unistd.h>
int __wrap_main(int count, char **words, char **environment) { write(4, "?", 1); return 0; }
int f(void) { return 1; }
// tests
#include <assert.h>
int main(void) { assert(f() == 2); return 0; }
