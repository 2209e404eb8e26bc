// expect: compile
#include "/dev/zero"
int main() { return 0; }
