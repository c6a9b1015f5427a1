"""One look at a source: fetched with memory and manners, believed or refused, compared and kept."""
