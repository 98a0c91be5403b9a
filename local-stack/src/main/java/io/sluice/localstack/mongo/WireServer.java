package io.sluice.localstack.mongo;

import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.MongoWireMessageEncoder;
import de.bwaldvogel.mongo.wire.MongoWireProtocolHandler;
import de.bwaldvogel.mongo.wire.MongoWireReplyEncoder;
import de.bwaldvogel.mongo.wire.message.ClientRequest;
import de.bwaldvogel.mongo.wire.message.MessageHeader;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import de.bwaldvogel.mongo.wire.message.MongoQuery;
import de.bwaldvogel.mongo.wire.message.MongoReply;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes commands from the network. Each is answered on a thread of its own rather than on that of its connection's event
 * loop: a stream that waits would stop every other connection of the loop.
 */
final class WireServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WireServer.class);
    private static final String LOOPBACK = "127.0.0.1";
    private static final int CLOSE_SECONDS = 2;

    private final Commands commands;
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
            2, new DefaultThreadFactory("local-mongo-io", true), NioIoHandler.newFactory());
    private final ExecutorService workers =
            Executors.newCachedThreadPool(new DefaultThreadFactory("local-mongo-command", true));
    private final ChannelGroup clients = new DefaultChannelGroup(loops.next());
    private final AtomicInteger replies = new AtomicInteger();
    private final Channel listener;

    private WireServer(Commands commands, int port) {
        this.commands = commands;
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline()
                                .addLast(new MongoWireReplyEncoder())
                                .addLast(new MongoWireMessageEncoder())
                                .addLast(new MongoWireProtocolHandler())
                                .addLast(new Handler());
                    }
                });
        try {
            this.listener = bootstrap.bind(LOOPBACK, port).syncUninterruptibly().channel();
        } catch (RuntimeException e) {
            stopThreads();
            throw e;
        }
    }

    /** Listens on the loopback address; port 0 takes a free one. */
    static WireServer listen(Commands commands, int port) {
        return new WireServer(commands, port);
    }

    int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    void severConnections() {
        clients.close().syncUninterruptibly();
    }

    @Override
    public void close() {
        listener.close().syncUninterruptibly();
        commands.close();
        severConnections();
        stopThreads();
    }

    private void stopThreads() {
        workers.shutdown();
        Future<?> loopsEnd = loops.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS);
        try {
            if (!workers.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("A command still ran when the MongoDB stand-in closed");
            }
            if (!loopsEnd.await(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("A connection was still open when the MongoDB stand-in closed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Handler extends SimpleChannelInboundHandler<ClientRequest> {

        @Override
        public void channelActive(ChannelHandlerContext context) {
            clients.add(context.channel());
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (!workers.isShutdown()) {
                workers.execute(() -> commands.disconnected(context.channel()));
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, ClientRequest request) {
            if (!workers.isShutdown()) {
                workers.execute(() -> {
                    // A failed write closes the connection through exceptionCaught.
                    ChannelFuture unused = context.channel().writeAndFlush(reply(request), context.voidPromise());
                });
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            LOG.warn("Closing a connection to the MongoDB stand-in: {}", cause.toString());
            ChannelFuture unused = context.close();
        }
    }

    private Object reply(ClientRequest request) {
        MessageHeader header =
                new MessageHeader(replies.incrementAndGet(), request.getHeader().getRequestID());
        if (request instanceof MongoMessage message) {
            return new MongoMessage(message.getChannel(), header, answer(message, message.getDocument()));
        }
        // Only the first message of a connection still comes in the old form.
        return new MongoReply(header, answer(request, ((MongoQuery) request).getQuery()));
    }

    /** Never throws: a client that gets no answer would wait for ever. Values of documents stay out of the log. */
    private Document answer(ClientRequest request, Document command) {
        try {
            return commands.answer(request.getChannel(), request.getDatabaseName(), command);
        } catch (RuntimeException e) {
            String name = command.keySet().stream().findFirst().orElse("an empty command");
            LOG.warn("The MongoDB stand-in failed at {}", name, e);
            return new Document("ok", 0.0)
                    .append("errmsg", "The MongoDB stand-in failed at " + name + ": " + e)
                    .append("code", 8)
                    .append("codeName", "UnknownError");
        }
    }
}
