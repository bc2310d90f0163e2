// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cloudstack_agent.groovy - what CloudStack's agent does with its transformer before it starts a VM
 *
 * Takes:  for each VM the agent's folder of hooks, a file with the domain, and one where what is to be started goes.
 * Gives:  the latter; what is logged on stderr, a line each, and END behind each VM.
 * Rule:   as LibvirtKvmAgentHook and LibvirtStartCommandWrapper of CloudStack 4.20 do it: a new script engine for each VM, the script
 *         has to return an object, whose method is called with the logger and the XML; whatever fails, the XML is unchanged.
 */
import groovy.util.GroovyScriptEngine
import java.nio.charset.StandardCharsets
import org.codehaus.groovy.runtime.metaclass.MissingMethodExceptionNoStack

class AgentLog {
    void warn(Object message) {
        System.err.println('WARN ' + message)
    }
    void error(Object message) {
        System.err.println('ERROR ' + message)
    }
}

Object handle(String folder, String script, String method, Object xml, AgentLog logger) {
    if (!new File(folder, script).canRead()) {
        logger.warn('no script')
        return xml
    }
    GroovyObject found = (GroovyObject) new GroovyScriptEngine(folder).run(script, new Binding())
    if (found == null) {
        logger.warn('no object')
        return xml
    }
    try {
        Object[] parameters = [logger, xml]
        return found.invokeMethod(method, parameters)
    } catch (MissingMethodExceptionNoStack missing) {
        logger.error('no method: ' + missing)
        return xml
    }
}

String transform(String folder, String xml, AgentLog logger) {
    try {
        String result = (String) handle(folder, 'libvirt-vm-xml-transformer.groovy', 'transform', xml, logger)
        if (result != null) {
            return result
        }
        logger.warn('the result is null')
    } catch (Exception exception) {
        logger.warn('exception: ' + exception)
    }
    return xml
}

def logger = new AgentLog()
for (int i = 0; i < args.length; i += 3) {
    String xml = new File(args[i + 1]).getText('UTF-8')
    new File(args[i + 2]).setText(transform(args[i], xml, logger), 'UTF-8')
    System.err.println('END')
}
System.exit(0)
