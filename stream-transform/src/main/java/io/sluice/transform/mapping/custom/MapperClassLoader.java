package io.sluice.transform.mapping.custom;

import io.sluice.schemas.mapper.RowMapper;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Loads one mapper: the JDK and what it is compiled against come from us, all else from its own jar, so that no library of ours
 * is in the way of one of its.
 */
final class MapperClassLoader extends ClassLoader {

    private static final String PUBLISHED = "io.sluice.schemas.";

    private final JarClasses jar;
    private final @Nullable ClassLoader published;

    MapperClassLoader(JarClasses jar) {
        super(ClassLoader.getPlatformClassLoader());
        this.jar = jar;
        this.published = RowMapper.class.getClassLoader();
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        if (name.startsWith(PUBLISHED)) {
            return Class.forName(name, false, published);
        }
        byte[] bytes = jar.file(name.replace('.', '/') + ".class");
        if (bytes == null) {
            throw new ClassNotFoundException(name);
        }
        return defineClass(name, bytes, 0, bytes.length);
    }

    @Override
    public @Nullable InputStream getResourceAsStream(String name) {
        byte[] bytes = jar.file(name);
        return bytes == null ? super.getResourceAsStream(name) : new ByteArrayInputStream(bytes);
    }
}
