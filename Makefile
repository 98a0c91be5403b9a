# Verbs; each is one line, and CI uses the same commands.
.PHONY: all check test it demo examples format kill-source kill-transform kill-sink huge-transaction prove-reconcile clean
.DEFAULT_GOAL := all

all:          ; mvn -B -ntp -DskipTests package
check:        ; mvn -B -ntp verify
test:         ; mvn -B -ntp test
it:           ; mvn -B -ntp verify -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false
demo:         ; ./sluice demo
examples:     ; rm -f app/target/examples.txt; mvn -B -ntp verify -pl app -am -Dtest=none -Dit.test=ExamplesIT -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false; status=$$?; cat app/target/examples.txt; exit $$status
format:       ; mvn -B -ntp spotless:apply
kill-source:  ; mvn -B -ntp verify -pl cdc-source -am -Dtest=none -Dit.test=KillIT -DKILLS=$(or $(KILLS),50) -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false
kill-transform: ; mvn -B -ntp verify -pl stream-transform -am -Dtest=none -Dit.test=TransformKillIT -DKILLS=$(or $(KILLS),50) -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false && cat stream-transform/target/kill-transform.txt
kill-sink:    ; rm -f sink-writer/target/kills.txt && mvn -B -ntp verify -pl sink-writer -am -Dtest=none -Dit.test=SinkKillIT,SweepKillIT,StrongSinkKillIT -DKILLS=$(or $(KILLS),50) -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false && awk '{k+=$$1;c+=$$2;l+=$$3;s+=$$4;h+=$$5} END {print k " kills, " c " changes, " l " lost, " s " stale, " h " half-applied"}' sink-writer/target/kills.txt
huge-transaction: ; mvn -B -ntp verify -pl cdc-source -am -Dtest=none -Dit.test=HugeTransactionIT -DROWS=$(or $(ROWS),5000000) -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false
prove-reconcile: ; mvn -B -ntp verify -pl app -am -Dtest=none -Dit.test=ReconcileIT -DSEEDS=$(or $(SEEDS),1000) -DCOMPARISONS=$(or $(COMPARISONS),20) -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false && cat app/target/prove-reconcile.txt
clean:        ; mvn -B -ntp clean
