# expect: timeout error oom
fork while 1;
