// expect: oom error
#include <stdlib.h>
#include <string.h>
int main(void) {
    for (;;) {
        char *block = malloc(1 << 24);
        if (!block) return 1;
        memset(block, 1, 1 << 24);
    }
}
