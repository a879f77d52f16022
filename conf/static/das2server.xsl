<?xml version="1.0" encoding="UTF-8"?>
<!-- How a browser shows the XML of server=peers. Programs read the XML itself. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="html" encoding="UTF-8" indent="yes" doctype-system="about:legacy-compat"/>

  <!-- The folder of this file, as the document names it: the document itself lies elsewhere. -->
  <xsl:variable name="folder"
    select="substring-before(substring-after(/processing-instruction('xml-stylesheet'), 'href=&quot;'), 'das2server.xsl')"/>

  <xsl:template match="/das2server">
    <html lang="en">
      <head>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <title>das2 servers</title>
        <link rel="stylesheet" href="{$folder}das2server.css"/>
      </head>
      <body>
        <main id="main">
          <xsl:apply-templates select="peers"/>
        </main>
      </body>
    </html>
  </xsl:template>

  <xsl:template match="peers">
    <h1>Other das2 servers</h1>
    <xsl:if test="not(server)">
      <p class="note">This server names no others.</p>
    </xsl:if>
    <ul class="cards">
      <xsl:for-each select="server">
        <li>
          <xsl:choose>
            <xsl:when test="starts-with(url, 'http://') or starts-with(url, 'https://')">
              <a href="{url}"><xsl:value-of select="name"/></a>
            </xsl:when>
            <xsl:otherwise>
              <strong><xsl:value-of select="name"/></strong>
            </xsl:otherwise>
          </xsl:choose>
          <span><xsl:value-of select="description"/></span>
        </li>
      </xsl:for-each>
    </ul>
  </xsl:template>
</xsl:stylesheet>
