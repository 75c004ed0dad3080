"""Owns what is on offer: features, quotas, plans, their matrix, catalogues and their wording.

Does not own customers, instants or invoices: nothing here knows who bought what, or when.
`chatim` is the published price list.
"""
