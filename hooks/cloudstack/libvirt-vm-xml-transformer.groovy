// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libvirt-vm-xml-transformer.groovy - CloudStack's transformer: a VM gets the topology of the host that it starts on
 *
 * Takes:  the agent's logger, and the domain XML that the agent made.
 * Gives:  the XML to start: rewritten by vtopo-xml, or as it was; a warning in the agent's log where something is wrong.
 * Rule:   whatever happens, the VM starts, and within SECONDS: the agent waits for this.  XML is UTF-8, whatever the agent's
 *         own encoding is.
 */
import java.nio.charset.StandardCharsets
import java.util.concurrent.TimeUnit

class VtopoTransform {
    static final int SECONDS = 10
    static final List<String> COMMAND = ['vtopo-xml', '--quiet']

    Object transform(Object logger, String xml) {
        Process process = null
        try {
            process = new ProcessBuilder(COMMAND).start()
            return rewrite(process, logger, xml)
        } catch (Throwable error) {
            logger.warn('vtopo: the VM starts as it was: ' + error)
            return xml
        } finally {
            process?.destroyForcibly()
        }
    }

    /** Each pipe has a thread of its own, so that none of them waits for another. */
    private static String rewrite(Process process, Object logger, String xml) {
        Thread writer = Thread.startDaemon { write(process.outputStream, xml) }
        def output = new ByteArrayOutputStream()
        def messages = new ByteArrayOutputStream()
        Thread outputReader = process.consumeProcessOutputStream(output)
        Thread messageReader = process.consumeProcessErrorStream(messages)
        boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS)
        if (!ended) {
            process.destroyForcibly()
        }
        [writer, outputReader, messageReader].each { it.join(1000) }
        text(messages).readLines().each { logger.warn(it) }
        if (!ended) {
            logger.warn('vtopo: the VM starts as it was: vtopo-xml did not end in ' + SECONDS + ' seconds')
        } else if (process.exitValue() != 0) {
            logger.warn('vtopo: the VM starts as it was: vtopo-xml ended with status ' + process.exitValue())
        } else if (outputReader.alive || output.size() == 0) {
            logger.warn('vtopo: the VM starts as it was: vtopo-xml printed nothing')
        } else {
            return text(output)
        }
        return xml
    }

    /** A program that ends early reads no more: its status says why. */
    private static void write(OutputStream stream, String xml) {
        try {
            stream.write(xml.getBytes(StandardCharsets.UTF_8))
            stream.close()
        } catch (IOException ignored) {
        }
    }

    private static String text(ByteArrayOutputStream bytes) {
        return new String(bytes.toByteArray(), StandardCharsets.UTF_8)
    }
}

new VtopoTransform()
