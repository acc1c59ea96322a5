"""The fleet's console: what a provider, a field operator, a merchant and a store see and do.

    gate      who is signed in; nothing is answered to anybody else
    view      what of the database is his; every question goes through it
    questions what can be asked                    acts   what can be done
    pages     how it is shown, in Chinese and English

A process of its own, on the same database as the machine interface, which never imports it.
"""
