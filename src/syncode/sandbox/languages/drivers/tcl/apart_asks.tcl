# The tests' half of a pair: runs the tests in an interpreter that holds nothing of the answer. Commands of the answer are asked for;
# what comes back is a string. The tests' interpreter is a child of this one, which alone can reach the channel.
apply {{file least} {
    set ask [open /dev/fd/4 w]
    fconfigure $ask -buffering none
    set tell [open /dev/fd/3 r]
    puts -nonewline $ask "?"
    set key [gets $tell]
    set text [open $file]
    set tests [read $text]
    close $text
    file delete $file apart_asks.tcl
    set reads [open /dev/fd/6 r]
    set writes [open /dev/fd/7 w]
    foreach channel [list $reads $writes] { fconfigure $channel -translation binary }
    proc ::end {why code} { puts stderr $why; exit $code }
    proc ::named {name text} { regexp -- "(?:^|\[^\\w:])(?:::)?[regsub -all {\W} $name {\\&}](?!\[\\w:])" $text }
    proc ::receive {reads} {
        if {[gets $reads size] < 0} { end "the answer has ended" 106 }
        if {![regexp {^[0-9]{1,9}$} $size]} { end "the answer has sent something else than a reply" 1 }
        set bytes [read $reads $size]
        if {[string length $bytes] != $size} { end "the answer has ended" 106 }
        set list [encoding convertfrom utf-8 $bytes]
        if {![string is list -strict $list]} { end "the answer has sent something else than a reply" 1 }
        return $list
    }
    proc ::forward {reads writes name args} {
        foreach each $args {
            set first [lindex [split [string trim $each]] 0]
            if {$first ne "" && [interp eval tests [list info procs ::$first]] ne ""} { end "a command of the tests" 107 }
        }
        set bytes [encoding convertto utf-8 [list $name {*}$args]]
        if {[catch { puts $writes [string length $bytes]; puts -nonewline $writes $bytes; flush $writes }]} { end "the answer has ended" 106 }
        set reply [receive $reads]
        if {[llength $reply] != 4 || [lindex $reply 0] ne "said"} { end "the answer has sent something else than a reply" 1 }
        lassign $reply - code said about
        if {$code eq "0"} { return $said }
        if {$code ne "1"} { end "the answer ends more than its own command" 1 }
        if {[regexp {^invalid command name "(.*)"$} $said - missing] && [interp eval tests [list info commands $missing]] ne ""} {
            end "the answer uses $missing of the tests" 107
        }
        set ::came $said
        return -code error -errorcode $about $said
    }
    interp create tests
    interp eval tests {set argv {}; set argc 0; set argv0 tests.tcl}
    set first [receive $reads]
    if {[llength $first] != 3 || [lindex $first 0] ne "names"} { end "the answer has sent something else than its names" 1 }
    set made 0
    foreach name [lindex $first 1] {
        set bare [string trimleft $name :]
        if {![regexp {^[\w:.+*/<>=!?@%&|~^-]+$} $bare] || [interp eval tests [list info commands ::$bare]] ne ""} continue
        if {[named $bare $tests]} { set made 1 }
        set space [namespace qualifiers ::$bare]
        if {$space ne ""} { interp eval tests [list namespace eval $space {}] }
        interp alias tests ::$bare {} ::forward $reads $writes $name
    }
    if {!$made} {
        foreach name [lindex $first 2] {
            if {[named $name $tests]} { end "the tests are about $name" 107 }
        }
    }
    set ::came ""
    interp alias tests exit {} apply {{ask {code 0}} {
        if {$code ne "0"} {
            puts $ask "{\"tests\":{\"total\":1,\"passed\":0,\"failed\":1}}"
            end "the tests end with status $code" 101
        }
        return -code error -errorcode SYNCODE_EXIT exit
    }} $ask
    if {![info complete $tests]} { end "missing close-brace" 103 }
    set framework [string match {*package require tcltest*} $tests]
    if {$framework} {  # its tests fail without an error: counted before it forgets
        interp eval tests {package require tcltest; array set syncode {Total 0 Passed 0 Failed 0 Skipped 0}}
        interp eval tests {trace add execution ::tcltest::cleanupTests enter {
            apply {args { foreach each {Total Passed Failed Skipped} { incr ::syncode($each) $::tcltest::numTests($each) } }}}}
    }
    set code [catch {interp eval tests "$tests\nlist"} said options]
    if {$code == 1 && [dict get $options -errorcode] ne "SYNCODE_EXIT"} {
        set came [expr {$said eq $::came}]
        if {!$came && [regexp {^invalid command name|^can't read "} $said]} { end $said 107 }
        puts $ask "{\"tests\":{\"total\":1,\"passed\":0,\"[expr {$came ? "errors" : "failed"}]\":1}}"
        end [expr {[regexp {^can't find package} $said] ? $said : "Error: $said"}] [expr {$came || [regexp {^can't find package} $said] ? 1 : 101}]
    }
    if {$code != 0 && $code != 1} { end "the tests end early" 1 }
    lassign [list $least $least 0 0] total passed failed skipped
    if {$framework} {
        foreach {name kind} {total Total passed Passed failed Failed skipped Skipped} {
            set $name [interp eval tests [list expr "\$::syncode($kind) + \$::tcltest::numTests($kind)"]]
        }
        if {$total == 0} { set total $least; set passed $least }
    }
    if {$total - $skipped == 0} { exit 108 }
    puts $ask "{\"tests\":{\"total\":$total,\"passed\":$passed,\"failed\":$failed,\"skipped\":$skipped}}"
    if {$failed} { end "Assertion failed: tcltest" 101 }
    puts -nonewline $ask "?"
    puts $ask "$key[gets $tell]"
    exit 0
}} {*}$argv
