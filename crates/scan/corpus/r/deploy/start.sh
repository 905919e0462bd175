#!/bin/sh
export JWT_SECRET='tin.roof.rusted'
# export JWT_SECRET=older.tin.roof
export JWT_COOKIE=token
java -Djwt.secret=thimble-needle-thread -jar app.jar
