// expect: timeout
for (;;) ;
