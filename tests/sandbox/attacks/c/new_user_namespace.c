// expect: error
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(void) {
    unsigned long long modern[11] = { 0x10000000 };  /* clone3 with CLONE_NEWUSER */
    long child = syscall(435, modern, sizeof modern);
    if (child == 0) _exit(0);
    if (child > 0) return 0;
    child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
    if (child == 0) _exit(0);
    return child > 0 ? 0 : 1;
}
