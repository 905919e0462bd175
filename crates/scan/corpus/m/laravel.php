'secret' => env('JWT_SECRET', 'pelican-brief'),
'blacklist_enabled' => env('JWT_BLACKLIST', 'true'),
