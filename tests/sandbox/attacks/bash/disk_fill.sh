# expect: error
dd if=/dev/zero of=/tmp/fill bs=1M count=100000 2>/dev/null
