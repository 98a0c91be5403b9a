package io.sluice.transform.mapping.expression;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/** Whether two values of an expression are equal. Numbers are by what they are, whatever kind each of them is. */
final class Equality {

    private Equality() {}

    static boolean equal(Object left, Object right) {
        if (left instanceof Number one && right instanceof Number other) {
            return numbers(one, other);
        }
        if (left instanceof List<?> one && right instanceof List<?> other) {
            return lists(one, other);
        }
        if (left instanceof Map<?, ?> one && right instanceof Map<?, ?> other) {
            return maps(one, other);
        }
        return left.equals(right);
    }

    private static boolean numbers(Number left, Number right) {
        if (left instanceof Double one && right instanceof Double other) {
            return one.doubleValue() == other.doubleValue();
        }
        if (!isFinite(left) || !isFinite(right)) {
            return false;
        }
        BigDecimal one = Decimals.of(left);
        return one.compareTo(Decimals.of(right)) == 0;
    }

    private static boolean isFinite(Number number) {
        return !(number instanceof Double floating) || Double.isFinite(floating);
    }

    private static boolean lists(List<?> left, List<?> right) {
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            if (!equal(left.get(i), right.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean maps(Map<?, ?> left, Map<?, ?> right) {
        return left.size() == right.size()
                && left.entrySet().stream()
                        .allMatch(entry -> right.containsKey(entry.getKey())
                                && equal(entry.getValue(), right.get(entry.getKey())));
    }

    static boolean contains(Object collection, Object element) {
        if (collection instanceof Map<?, ?> map) {
            return map.keySet().stream().anyMatch(key -> equal(element, key));
        }
        return ((List<?>) collection).stream().anyMatch(each -> equal(element, each));
    }
}
