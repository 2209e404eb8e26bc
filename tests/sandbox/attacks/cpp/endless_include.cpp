// expect: compile
#include __FILE__
int main() { return 0; }
