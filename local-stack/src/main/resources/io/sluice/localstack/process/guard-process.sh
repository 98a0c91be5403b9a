# Starts one command, prints its process id, and ends it when standard input reaches its end.
# Arguments: log file, signal that asks the command to stop, seconds to wait for that, command...
log=$1
signal=$2
patience=$3
shift 3

# Background commands get /dev/null as standard input; the pipe from the parent lives on as descriptor 3.
exec 3<&0

"$@" </dev/null >>"$log" 2>&1 3<&- &
child=$!
echo "$child"

# Ids are reused. The command is still ours only while its parent is this very shell.
ours() {
  if [ -r /proc/self/stat ]; then
    stat=$(cat "/proc/$child/stat" 2>/dev/null) || return 1
    case ${stat##*) } in
      Z*) return 1 ;;
      ?" $$ "*) return 0 ;;
      *) return 1 ;;
    esac
  else
    [ "$(ps -o ppid= -p "$child" 2>/dev/null | tr -d ' ')" = "$$" ]
  fi
}

gone_within() {
  tenths=$(($1 * 10))
  while ours; do
    [ "$tenths" -gt 0 ] || return 1
    tenths=$((tenths - 1))
    sleep 0.1
  done
}

end() {
  ours && kill -s "$signal" "$child" 2>/dev/null
  gone_within "$patience" && return
  ours && kill -s QUIT "$child" 2>/dev/null
  gone_within 5 && return
  ours && kill -s KILL "$child" 2>/dev/null
}

(
  while read -r _ <&3; do :; done
  end
) >/dev/null 2>&1 &
reader=$!

# Whoever asks the guard to go asks for the command to go.
trap end TERM INT HUP

wait "$child"
status=$?
while ours; do
  wait "$child"
  status=$?
done
kill "$reader" 2>/dev/null
exit "$status"
