// expect: timeout
#include <signal.h>
int main(void) {
    for (int number = 1; number < 32; number++) signal(number, SIG_IGN);
    for (;;) ;
}
