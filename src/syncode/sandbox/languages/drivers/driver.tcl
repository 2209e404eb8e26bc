# Runs the program; asks for the token when it has come to its end.
set argv0 [lindex $argv 0]
source $argv0
set syncode_ask [open /dev/fd/4 w]
fconfigure $syncode_ask -buffering none
puts -nonewline $syncode_ask "?"
puts $syncode_ask [gets [open /dev/fd/3 r]]
close $syncode_ask
