package io.sluice.transform.mapping.custom;

import io.sluice.platform.config.DidYouMean;
import io.sluice.schemas.mapper.RowMapper;
import io.sluice.schemas.pipeline.MapperSpec;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;

/** Finds and makes a mapper. The one place that looks into classes: which one it is, only the file says. */
public final class MapperLoader {

    private MapperLoader() {}

    /** A new mapper, with a class loader of its own. */
    public static RowMapper load(MapperSpec spec) throws UnusableMapperException {
        JarClasses jar = JarClasses.read(Path.of(spec.jar()));
        try {
            Class<?> found = new MapperClassLoader(jar).loadClass(spec.className());
            if (!RowMapper.class.isAssignableFrom(found)) {
                throw new UnusableMapperException(
                        spec.className() + " does not implement " + RowMapper.class.getName(), "");
            }
            return (RowMapper) found.getConstructor().newInstance();
        } catch (ClassNotFoundException e) {
            throw new UnusableMapperException(
                    spec.jar() + " holds no class " + spec.className(),
                    DidYouMean.suggest(spec.className(), jar.classNames()));
        } catch (NoSuchMethodException | InstantiationException | IllegalAccessException e) {
            throw new UnusableMapperException(
                    spec.className() + " has no public constructor without parameters",
                    "give it one, and make it public");
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new UnusableMapperException(
                    "the constructor of " + spec.className() + " fails with " + Thrown.text(cause), "");
        } catch (LinkageError e) {
            throw new UnusableMapperException(
                    spec.className() + " can't be loaded: " + e,
                    "its jar must hold every library that it uses, built for this Java, and nothing else of Sluice's"
                            + " than schemas is there");
        }
    }
}
