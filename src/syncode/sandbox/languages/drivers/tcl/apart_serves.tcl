# The answer's half of a pair: does what the tests' half asks and says what came of it. Nothing in here is believed.
# A message: the length of a list in bytes, in a line, then the list as UTF-8.
apply {file {
    set reads [open /dev/fd/6 r]
    set writes [open /dev/fd/7 w]
    foreach channel [list $reads $writes] { fconfigure $channel -translation binary }
    proc ::syncode_send {writes list} {
        set bytes [encoding convertto utf-8 $list]
        puts $writes [string length $bytes]
        puts -nonewline $writes $bytes
        flush $writes
    }
    set answer [interp create]
    interp eval $answer [list set argv0 $file]
    interp eval $answer {set argv {}; set argc 0}
    set commands {concat [info commands] {*}[lmap each [namespace children ::] { info commands ${each}::* }]}
    set before [interp eval $answer $commands]
    set code [catch {interp eval $answer [list source $file]} problem options]
    if {$code == 1} {
        puts stderr [dict get $options -errorinfo]
        exit [expr {[regexp {missing close-brace|extra characters after close-brace|missing "$} $problem] ? 102 : 1}]
    }
    flush stdout
    set new {}
    foreach name [interp eval $answer $commands] { if {$name ni $before} { lappend new $name } }
    set replaced {}
    foreach name $before { if {$name ne "unknown" && ![string match *auto_* $name] && [interp eval $answer [list info procs $name]] ne ""} { lappend replaced $name } }
    ::syncode_send $writes [list names $new $replaced]
    while {[gets $reads size] >= 0} {
        set words [encoding convertfrom utf-8 [read $reads $size]]
        set code [catch {interp eval $answer $words} said options]
        interp eval $answer {flush stdout}
        set about [expr {$code == 1 && [dict exists $options -errorcode] ? [dict get $options -errorcode] : "NONE"}]
        ::syncode_send $writes [list said $code $said $about]
    }
    exit 0
}} {*}$argv
