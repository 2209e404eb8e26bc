# expect: error
proc f {} { return 1 }
exit 0
# tests
if {[f] != 2} { error "Assertion failed" }
