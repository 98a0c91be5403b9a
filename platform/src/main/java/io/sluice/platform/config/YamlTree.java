package io.sluice.platform.config;

import io.sluice.schemas.pipeline.Place;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Builds the tree of one document from the parser's events rather than from its composer: that way the limits hold before
 * anything is expanded, and a duplicate key is one problem among others rather than the end.
 */
final class YamlTree {

    private final String file;
    private final YamlLimits limits;
    private final Problems problems;
    private final Map<Anchor, YamlNode> anchors = new HashMap<>();
    private final Deque<String> path = new ArrayDeque<>();
    private int nodes;
    private int aliases;

    YamlTree(String file, YamlLimits limits, Problems problems) {
        this.file = file;
        this.limits = limits;
        this.problems = problems;
    }

    YamlNode read(String text) throws Unreadable {
        LoadSettings settings = LoadSettings.builder()
                .setUseMarks(true)
                .setCodePointLimit(limits.bytes())
                .build();
        try {
            Iterator<Event> events = new Parse(settings).parseString(text).iterator();
            return document(events);
        } catch (MarkedYamlEngineException e) {
            throw notYaml(e, text);
        } catch (YamlEngineException e) {
            throw new Unreadable("is not YAML: " + Quoted.plain(String.valueOf(e.getMessage())), "");
        }
    }

    private YamlNode document(Iterator<Event> events) throws Unreadable {
        events.next();
        Event start = events.next();
        if (start.getEventId() == Event.ID.StreamEnd) {
            throw new Unreadable("is empty", "begin with \"pipeline: NAME\"");
        }
        YamlNode root = node(events.next(), events, 1);
        events.next();
        Event after = events.next();
        if (after.getEventId() != Event.ID.StreamEnd) {
            throw new Unreadable(
                    "a second document begins here", "one file describes one pipeline: take the --- out", place(after));
        }
        return root;
    }

    private YamlNode node(Event event, Iterator<Event> events, int depth) throws Unreadable {
        if (event instanceof AliasEvent alias) {
            return alias(alias, depth);
        }
        count(1, depth, place(event));
        YamlNode node;
        if (event instanceof ScalarEvent scalar) {
            refuseTag(scalar.getTag(), place(event));
            node = new YamlNode.Scalar(scalar.getValue(), scalar.isPlain(), place(event));
        } else {
            refuseTag(((CollectionStartEvent) event).getTag(), place(event));
            node = event.getEventId() == Event.ID.SequenceStart
                    ? items(place(event), events, depth)
                    : entries(place(event), events, depth);
        }
        ((NodeEvent) event).getAnchor().ifPresent(anchor -> anchors.put(anchor, node));
        return node;
    }

    private YamlNode items(Place place, Iterator<Event> events, int depth) throws Unreadable {
        List<YamlNode> items = new ArrayList<>();
        int size = 1;
        int height = 0;
        for (Event event = events.next(); event.getEventId() != Event.ID.SequenceEnd; event = events.next()) {
            YamlNode item = node(event, events, depth + 1);
            items.add(item);
            size += item.size();
            height = Math.max(height, item.height());
        }
        return new YamlNode.Items(List.copyOf(items), place, size, height + 1);
    }

    private YamlNode entries(Place place, Iterator<Event> events, int depth) throws Unreadable {
        Map<String, YamlNode.Entry> entries = new HashMap<>();
        List<YamlNode.Entry> inOrder = new ArrayList<>();
        int size = 1;
        int height = 0;
        for (Event event = events.next(); event.getEventId() != Event.ID.MappingEnd; event = events.next()) {
            YamlNode key = node(event, events, depth + 1);
            path.addLast(key instanceof YamlNode.Scalar name ? Quoted.plain(name.text()) : "?");
            YamlNode value = node(events.next(), events, depth + 1);
            path.removeLast();
            size += key.size() + value.size();
            height = Math.max(height, value.height());
            keep(key, value, entries).ifPresent(inOrder::add);
        }
        return new YamlNode.Entries(List.copyOf(inOrder), place, size, height + 1);
    }

    private Optional<YamlNode.Entry> keep(YamlNode key, YamlNode value, Map<String, YamlNode.Entry> entries) {
        if (!(key instanceof YamlNode.Scalar name) || name.isNothing()) {
            problems.add(key.place(), path(), "a key is a text, and this is " + key.says(), "");
            return Optional.empty();
        }
        if (name.plain() && name.text().equals("<<")) {
            problems.add(key.place(), path(), "merge keys (<<) are not read here", "write the keys out");
            return Optional.empty();
        }
        YamlNode.Entry entry = new YamlNode.Entry(name.text(), name.place(), value);
        YamlNode.Entry earlier = entries.putIfAbsent(name.text(), entry);
        if (earlier != null) {
            problems.add(
                    name.place(),
                    path() + (path.isEmpty() ? "" : ".") + Quoted.plain(name.text()),
                    "is set twice, first on line " + earlier.keyPlace().line(),
                    "leave one of them out");
            return Optional.empty();
        }
        return Optional.of(entry);
    }

    private String path() {
        return String.join(".", path);
    }

    private YamlNode alias(AliasEvent alias, int depth) throws Unreadable {
        Place place = place(alias);
        YamlNode node = anchors.get(alias.getAlias());
        if (node == null) {
            throw new Unreadable("no finished anchor has the name of this alias", "write the value out", place);
        }
        if (++aliases > limits.aliases()) {
            throw new Unreadable("has more than " + limits.aliases() + " aliases", "write the values out", place);
        }
        count(node.size(), depth + node.height() - 1, place);
        return node;
    }

    private void count(int more, int depth, Place place) throws Unreadable {
        nodes += more;
        if (nodes > limits.nodes()) {
            throw new Unreadable(
                    "has more than " + limits.nodes() + " values",
                    "a pipeline file is small: is this the right one?",
                    place);
        }
        if (depth > limits.depth()) {
            throw new Unreadable("is nested deeper than " + limits.depth() + " levels", "", place);
        }
    }

    private static void refuseTag(Optional<String> tag, Place place) throws Unreadable {
        if (tag.isPresent()) {
            throw new Unreadable("tags (!…) are not read here", "leave it out; quote a text that begins with !", place);
        }
    }

    private Place place(Event event) {
        return event.getStartMark().map(this::place).orElse(Place.ofFile(file));
    }

    private Place place(Mark mark) {
        return new Place(file, mark.getLine() + 1, mark.getColumn() + 1);
    }

    private Unreadable notYaml(MarkedYamlEngineException e, String text) {
        Optional<Mark> mark = e.getProblemMark().or(e::getContextMark);
        String line = mark.map(at -> text.lines().skip(at.getLine()).findFirst().orElse(""))
                .orElse("");
        String suggestion = "";
        if (line.contains("${")) {
            suggestion = "put quotes around ${…} inside { }";
        } else if (line.stripLeading().length() < line.length()
                && line.substring(0, line.length() - line.stripLeading().length())
                        .contains("\t")) {
            suggestion = "indent with spaces, not with tabs";
        }
        return new Unreadable(
                "is not YAML: " + Quoted.plain(String.valueOf(e.getProblem())),
                suggestion,
                mark.map(this::place).orElse(Place.ofFile(file)));
    }
}
