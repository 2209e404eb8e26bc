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
    if {$tests ne ""} { interp eval $answer $tests }
    set ask [open /dev/fd/4 w]
    fconfigure $ask -buffering none
    puts -nonewline $ask "?"
    puts $ask [gets [open /dev/fd/3 r]]
    close $ask
}} {*}$argv
