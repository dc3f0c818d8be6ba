{{ documents_cited() }}
