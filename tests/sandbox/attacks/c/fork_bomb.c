// expect: timeout error oom
#include <unistd.h>
int main(void) { for (;;) fork(); }
