// expect: error
int dig(int depth) { volatile char room[4096]; room[0] = depth; return dig(depth + 1) + room[0]; }
int main(void) { return dig(0); }
