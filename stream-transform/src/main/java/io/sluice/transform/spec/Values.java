package io.sluice.transform.spec;

import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Array;
import io.sluice.schemas.model.LogicalType.Simple;
import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** When two values of a column are the same: as its type means them. */
final class Values {

    private final JsonTree json = new JsonTree();

    boolean same(LogicalType type, @Nullable Object one, @Nullable Object other) {
        if (one instanceof BigDecimal left && other instanceof BigDecimal right) {
            return left.compareTo(right) == 0;
        }
        if (type == Simple.JSON && one instanceof String left && other instanceof String right) {
            return json.same(left, right);
        }
        if (type instanceof Array array && one instanceof List<?> left && other instanceof List<?> right) {
            if (left.size() != right.size()) {
                return false;
            }
            for (int i = 0; i < left.size(); i++) {
                if (!same(array.element(), left.get(i), right.get(i))) {
                    return false;
                }
            }
            return true;
        }
        return Objects.equals(one, other);
    }
}
