# Runs the answer in an interpreter of its own, then the tests; asks for the token when both have come to their end.
apply {{file {tests_file ""}} {
    set tests ""
    if {$tests_file ne ""} {
        set text [open $tests_file]
        set tests [read $text]
        close $text
    }
    set answer [interp create]
    interp eval $answer [list set argv0 $file]
    interp eval $answer {set argv {}; set argc 0}
    interp eval $answer [list source $file]
    if {[string match {*package require tcltest*} $tests]} {  # its tests fail without an error: count before it forgets
        interp eval $answer {package require tcltest; set syncode_failed 0}
        interp eval $answer {trace add execution ::tcltest::cleanupTests enter {
            incr ::syncode_failed $::tcltest::numTests(Failed); list}}
    }
    if {$tests ne ""} { interp eval $answer $tests }
    if {[interp eval $answer {expr {[info exists syncode_failed] && $syncode_failed + $::tcltest::numTests(Failed)}}]} {
        error "Assertion failed: tcltest"
    }
    set ask [open /dev/fd/4 w]
    fconfigure $ask -buffering none
    puts -nonewline $ask "?"
    puts $ask [gets [open /dev/fd/3 r]]
    close $ask
}} {*}$argv
