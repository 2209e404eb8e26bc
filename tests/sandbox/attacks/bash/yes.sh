# expect: forbidden
yes
