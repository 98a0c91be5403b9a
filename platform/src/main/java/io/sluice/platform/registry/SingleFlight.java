package io.sluice.platform.registry;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.Predicate;

/**
 * A bounded cache that loads each key once at a time. The load runs in a thread of its own, so that a waiting thread can be
 * interrupted without taking the others' answer away; a failure is shared by those who waited for it and not kept.
 */
final class SingleFlight<K, V> {

    private final Cache<K, V> cache;
    private final ConcurrentMap<K, CompletableFuture<V>> flights = new ConcurrentHashMap<>();
    private final Executor executor;
    private final Predicate<V> lasting;

    /** What brings a value that isn't cached. */
    interface Loader<V> {
        V load() throws InterruptedException;
    }

    /** @param lasting which values may be cached */
    SingleFlight(int maxEntries, Executor executor, Predicate<V> lasting) {
        this.cache = Caffeine.newBuilder()
                .maximumSize(maxEntries)
                // Housekeeping is a few instructions; it needs no other thread.
                .executor(Runnable::run)
                .build();
        this.executor = executor;
        this.lasting = lasting;
    }

    /** @throws ExecutionException with what the loader threw */
    V get(K key, Loader<V> loader) throws ExecutionException, InterruptedException {
        V cached = cache.getIfPresent(key);
        if (cached != null) {
            return cached;
        }
        CompletableFuture<V> mine = new CompletableFuture<>();
        CompletableFuture<V> flight = flights.putIfAbsent(key, mine);
        if (flight != null) {
            return flight.get();
        }
        try {
            executor.execute(() -> fly(key, loader, mine));
        } catch (RuntimeException e) {
            flights.remove(key, mine);
            mine.completeExceptionally(e);
        }
        return mine.get();
    }

    private void fly(K key, Loader<V> loader, CompletableFuture<V> flight) {
        try {
            // An earlier flight may have landed between our look into the cache and our start.
            V value = cache.getIfPresent(key);
            if (value == null) {
                value = loader.load();
                if (lasting.test(value)) {
                    cache.put(key, value);
                }
            }
            flights.remove(key, flight);
            flight.complete(value);
        } catch (Throwable e) {
            flights.remove(key, flight);
            flight.completeExceptionally(e);
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
