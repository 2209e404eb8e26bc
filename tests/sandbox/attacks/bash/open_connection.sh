# expect: error forbidden
echo escaped > /dev/tcp/127.0.0.1/@PORT@
