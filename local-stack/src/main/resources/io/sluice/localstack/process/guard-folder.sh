# Removes one temporary folder when standard input reaches its end, after every process whose id came in on it has gone.
# Arguments: the folder, the name of the file that marks it as temporary.
folder=$1
mark=$2
processes=

while read -r process; do processes="$processes $process"; done

tenths=900
for process in $processes; do
  while [ "$tenths" -gt 0 ] && kill -0 "$process" 2>/dev/null; do
    tenths=$((tenths - 1))
    sleep 0.1
  done
done

[ -f "$folder/$mark" ] || exit 0
attempts=50
until rm -rf -- "$folder" 2>/dev/null || [ "$attempts" -le 0 ]; do
  attempts=$((attempts - 1))
  sleep 0.1
done
