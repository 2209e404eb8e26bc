# Runs the answer in an interpreter of its own, then the tests; says the proof when both have come to their end. Commands of the
# language that the answer has renamed or replaced are put back before the tests.
apply {{file {tests_file ""} {least 0}} {
    set ask [open /dev/fd/4 w]
    fconfigure $ask -buffering none
    set tell [open /dev/fd/3 r]
    puts -nonewline $ask "?"
    set key [gets $tell]
    set tests ""
    if {$tests_file ne ""} {
        set text [open $tests_file]
        set tests [read $text]
        close $text
        file delete $tests_file
    }
    set answer [interp create]
    interp eval $answer [list set argv0 $file]
    interp eval $answer {set argv {}; set argc 0}
    # A frame of the stack would show the tests.
    interp eval $answer {namespace ensemble configure ::info -map [dict remove [namespace ensemble configure ::info -map] frame]}
    interp eval $answer {rename ::tcl::info::frame {}}
    set list {concat [info commands] [info commands ::tcl::mathfunc::*] [info commands ::tcl::mathop::*]}
    set commands {}
    foreach name [interp eval $answer $list] {
        if {[interp eval $answer [list info procs $name]] eq ""} { lappend commands $name }
    }
    proc replaced {answer name} {
        expr {[interp eval $answer [list namespace which -command $name]] eq "" || [interp eval $answer [list info procs $name]] ne ""
            || [interp eval $answer [list trace info execution $name]] ne ""}
    }
    interp eval $answer [list source $file]
    if {$tests ne ""} {
        set own {}
        foreach name [interp eval $answer {info procs}] {
            if {$name ni $commands && [regexp "(?:^|\[^\\w:])[regsub -all {\W} $name {\\&}](?:\\s|\\])" $tests]} { lappend own $name }
        }
        set clean [interp create]  ;# another interpreter has all commands as they were
        foreach name $commands {
            if {[replaced $answer $name] && ([llength $own] || [interp eval $answer [list info procs $name]] eq "")} {
                catch {interp eval $answer [list rename $name {}]}
                interp alias $answer $name $clean $name
            }
        }
        set here [lmap name $commands { if {[replaced $answer $name]} continue; set name }]
    }
    if {[string match {*package require tcltest*} $tests]} {  # its tests fail without an error: count before it forgets
        interp eval $answer {catch {namespace delete ::tcltest}; package forget tcltest; package require tcltest; set syncode_failed 0}
        interp eval $answer {trace add execution ::tcltest::cleanupTests enter {
            incr ::syncode_failed $::tcltest::numTests(Failed); list}}
    }
    if {$tests ne ""} {
        set reached [list syncode [expr {rand()}]]
        if {[interp eval $answer "$tests\nlist $reached"] ne $reached} { error "the answer has left the tests" }
        foreach name $here { if {[replaced $answer $name]} { error "the answer has replaced $name" } }
    }
    if {[interp eval $answer {expr {[info exists syncode_failed] && $syncode_failed + $::tcltest::numTests(Failed)}}]} {
        error "Assertion failed: tcltest"
    }
    if {$tests ne ""} {
        puts $ask "{\"tests\":{\"total\":$least,\"passed\":$least}}"
    }
    puts -nonewline $ask "?"
    puts $ask "$key[gets $tell]"
    close $ask
}} {*}$argv
