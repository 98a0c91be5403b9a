/** Keys and certificates from files, for whoever opens encrypted connections. No password is ever part of a message. */
@NullMarked
package io.sluice.platform.tls;

import org.jspecify.annotations.NullMarked;
