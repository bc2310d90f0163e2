/* SPDX-License-Identifier: GPL-2.0-or-later */
/* static_try.c - for static.cmake: what is called of libxml2, to see whether it links */
#include <libxml/parser.h>
#include <libxml/relaxng.h>

int main(int argc, char **argv)
{
    xmlParserCtxt *parser = xmlNewParserCtxt();
    xmlDoc *doc = xmlCtxtReadMemory(parser, argv[0], argc, NULL, NULL, XML_PARSE_NONET);
    xmlRelaxNG *schema = xmlRelaxNGParse(xmlRelaxNGNewParserCtxt(argv[0]));

    return xmlRelaxNGValidateDoc(xmlRelaxNGNewValidCtxt(schema), doc);
}
