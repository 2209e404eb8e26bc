# Both halves of a pair. `answer`: sources the answer and calls what it is asked for. `tests`: hands the commands that it does not know
# over to the answer, and runs the tests; exit codes are those of cell/outcome.py. Messages: a line with a size, then a Tcl list in
# UTF-8. Lists are taken apart, never evaluated.
namespace eval ::syncode {
    variable in [open /dev/fd/6 r] out [open /dev/fd/7 w] role [lindex $argv 0] remote {} used 0 missing 0
    fconfigure $in -translation binary
    fconfigure $out -translation binary

    proc send {message} {
        variable out
        set data [encoding convertto utf-8 $message]
        puts -nonewline $out "[string length $data]\n$data"
        flush $out
    }
    proc receive {} {
        variable in
        if {[gets $in size] < 0 || ![string is integer -strict $size] || $size < 0} { return {} }
        set data [read $in $size]
        if {[string length $data] != $size} { return {} }
        return [encoding convertfrom utf-8 $data]
    }
    proc stop {code why} {
        puts stderr [string range [string map {\n { }} $why] 0 300]
        flush stdout
        ::syncode::leave $code
    }
    # Has the other side call a command with these words: {code result errorcode}.
    proc ask {words} {
        variable role
        send [list call {*}$words]
        while 1 {
            set reply [receive]
            if {[catch {llength $reply} size] || $size == 0} {
                if {$role eq "tests"} { stop 106 "the process of the answer has ended" }
                leave 0
            }
            switch -- [lindex $reply 0] {
                call { serve $reply }
                done { return [lrange $reply 1 3] }
                default { stop 1 "a message that is none" }
            }
        }
    }
    # Calls what the other side asks for. Only commands that this side has defined itself are called for it.
    proc serve {request} {
        set words [lrange $request 1 end]
        set name [lindex $words 0]
        if {![mine $name]} {
            return [send [list done unknown $name {}]]
        }
        set code [catch {uplevel #0 $words} result options]
        switch -- $code {
            0 - 2 { send [list done ok $result {}] }
            1 { send [list done error $result [dict get $options -errorcode]] }
            default { send [list done error "invoked \"[lindex {{} {} {} break continue} $code]\" outside of a loop" NONE] }
        }
    }
    proc given {reply name} {
        variable remote
        variable missing
        lassign $reply code result errorcode
        switch -- $code {
            ok { return $result }
            error { set remote $result; return -code error -errorcode $errorcode $result }
            unknown { set missing 1; return -code error -errorcode [list TCL LOOKUP COMMAND $name] "invalid command name \"$name\"" }
            default { stop 1 "a message that is none" }
        }
    }
}
rename exit ::syncode::leave

if {$::syncode::role eq "answer"} {
    apply {{file} {
        set known [dict create]
        foreach name [concat [info commands ::*] [info commands ::oo::*]] { dict set known [string trimleft $name :] 1 }
        set ::syncode::known $known
        proc ::syncode::mine {name} {
            variable known
            set bare [string trimleft $name :]
            if {$bare eq "" || [string match syncode* $bare]} { return 0 }
            if {[uplevel #0 [list namespace which -command $name]] eq ""} { return 0 }
            expr {![dict exists $known $bare] || [uplevel #0 [list info procs $name]] ne ""}
        }
        proc ::exit {{code 0}} { flush stdout; ::syncode::leave $code }
        set ::argv0 $file
        set ::argv {}
        set ::argc 0
        uplevel #0 [list source $file]
        set redefined {}
        foreach name [info procs ::*] {
            set bare [string trimleft $name :]
            if {[dict exists $known $bare] && $bare ni {exit unknown auto_load auto_import auto_execok auto_qualify tclLog auto_load_index tclPkgUnknown tclPkgSetup history auto_mkindex}} { lappend redefined $bare }
        }
        proc ::unknown {args} {  # a command of the tests, which the answer calls
            if {![catch {auto_load [lindex $args 0]} loaded] && $loaded} { return [uplevel 1 $args] }
            uplevel 1 [list ::syncode::given [::syncode::ask $args] [lindex $args 0]]
        }
        ::syncode::send [list done ok $redefined {}]
        while 1 {
            set request [::syncode::receive]
            if {$request eq ""} { ::syncode::leave 0 }
            if {[catch {lindex $request 0} what] || $what ne "call"} { ::syncode::leave 1 }
            ::syncode::serve $request
        }
    }} [lindex $argv 1]
}

if {[catch {apply {{file least} {
    set text [open $file]
    fconfigure $text -encoding utf-8
    set tests [read $text]
    close $text
    file delete $file
    set ask [open /dev/fd/4 w]
    fconfigure $ask -buffering none
    set tell [open /dev/fd/3 r]
    puts -nonewline $ask "?"
    set key [gets $tell]
    set hello [::syncode::receive]
    if {[catch {llength $hello} size] || $size != 4 || [lindex $hello 1] ne "ok"} { ::syncode::stop 106 "the process of the answer has ended" }
    proc ::syncode::mine {name} {
        expr {[uplevel #0 [list info procs $name]] ne "" && [string match {} [info procs ::syncode::$name]] && [string trimleft $name :] ni {unknown exit}}
    }
    proc ::exit {{code 0}} {
        if {$code == 0} { ::syncode::stop 1 "the tests ended before the last of them" }
        ::syncode::stop 101 "exit $code"
    }
    proc ::unknown {args} {
        set name [lindex $args 0]
        if {![catch {auto_load $name} loaded] && $loaded} { return [uplevel 1 $args] }
        if {[regexp {^(?:::)?(?:assert\w*|check|expect|test|it|describe|fail|verify|should)$} $name]} {
            ::syncode::stop 107 "the tests do not define $name"
        }
        set reply [::syncode::ask $args]
        if {[lindex $reply 0] ne "unknown"} { set ::syncode::used 1 }
        uplevel 1 [list ::syncode::given $reply $name]
    }
    set ::argv0 $file
    set ::argv {}
    set ::argc 0
    set redefined {}
    catch {set redefined [lindex $hello 2]; llength $redefined}
    set whole [list apply {{redefined tests} {
        foreach name $redefined {
            if {!$::syncode::used && [regexp "(?:^|\[^\\w:])[regsub -all {\W} $name {\\&}](?:\\s|\\])" $tests]} {
                ::syncode::stop 107 "the answer defines anew what the tests call"
            }
        }
    }} $redefined $tests]
    set failed 0
    if {[string match {*package require tcltest*} $tests]} {  # its tests fail without an error: count before it forgets
        package require tcltest
        set ::syncode::failed 0
        trace add execution ::tcltest::cleanupTests enter {incr ::syncode::failed $::tcltest::numTests(Failed); list}
    }
    set reached [list syncode [expr {rand()}]]
    if {[catch {uplevel #0 "$tests\nlist $reached"} result options]} {
        {*}$whole
        if {[regexp {^can't find package} $result]} { ::syncode::stop 1 $result }
        if {$::syncode::missing || [regexp {^(?:can't read "|invalid command name|unknown math function)} $result] && $result ne $::syncode::remote} {
            ::syncode::stop 107 $result
        }
        set inside [expr {$::syncode::remote ne {} && $result eq $::syncode::remote}]
        puts $ask "{\"tests\":{\"total\":1,\"passed\":0,\"failed\":[expr {!$inside}],\"errors\":$inside}}"
        ::syncode::stop [expr {$inside ? 1 : 101}] $result
    }
    {*}$whole
    if {$result ne $reached} { ::syncode::stop 1 "the tests ended before the last of them" }
    if {[info exists ::syncode::failed] && $::syncode::failed + $::tcltest::numTests(Failed)} { ::syncode::stop 101 "Assertion failed: tcltest" }
    if {!$least} { ::syncode::stop 108 "nothing was asserted" }
    if {!$::syncode::used} { ::syncode::stop 107 "the tests ask nothing of the answer" }
    puts $ask "{\"tests\":{\"total\":$least,\"passed\":$least}}"
    puts -nonewline $ask "?"
    puts $ask "$key[gets $tell]"
    close $ask
    flush stdout
    ::syncode::leave 0
}} [lindex $argv 1] [lindex $argv 2]} problem]} { ::syncode::stop 1 $problem }
